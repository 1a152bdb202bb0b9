// Exit codes that scripts can use, and which error has which; after sysexits.h where that has a fitting one.

import ArgumentParser
import Basics
import Distillation
import Evaluation
import Foundation
import Generation
import Jinja
import LanguageModels
import Lineage
import ModelFiles
import Pipeline
import Report
import Retrieval
import Store
import Tokenizers
import Torch

/// What the process says to whoever started it.
enum ExitStatus: Int32 {
    case success = 0
    case failure = 1
    case usage = 64
    case badInput = 65
    case noInput = 66
    case unavailable = 69
    case cannotWrite = 73
    case locked = 75

    static let help = """
        Exit codes:
          0    done
          1    failure
          64   a wrong option or setting
          65   a document, model or run that cannot be used
          66   a document, model or run that is not there
          69   the expert's endpoint or the device is not available
          73   a folder cannot be written, or its disk is full
          75   another process works on the run
          130  stopped by Ctrl-C (143: by SIGTERM); the same command goes on
        """
}

extension ExitStatus {
    /// The exit code of an error; nil for one of the argument parser's own.
    static func code(of error: any Error) -> Int32? {
        if error is RunStopped { return Interruption.exitCode }
        return ExitStatus(error)?.rawValue
    }

    fileprivate init?(_ error: any Error) {
        switch error {
        case let error as CommandError: self = error.status
        case let error as ConfigurationError: self = error.status
        case let error as StoreError: self = error.status
        case let error as PipelineError: self = error.status
        case let error as GradingError: self = error.status
        case let error as ReportError: self = error.status
        case let error as FileError: self = error.status
        case let error as ModelFileError: self = error.status
        case let error as LanguageModelError: self = error.status
        case let error as RemoteExpertError: self = error.status
        case let error as TorchError: self = error.kind == .deviceUnavailable ? .unavailable : .failure
        case is DocumentError: self = .noInput
        case is TokenizerError, is TemplateError, is RetrievalError, is DataFileError: self = .badInput
        case is TrainingError: self = .failure
        case let error as CocoaError: self = error.status
        case _ where Instill.exitCode(for: error) == .validationFailure: return nil
        default: self = .failure
        }
    }
}

extension ConfigurationError {
    fileprivate var status: ExitStatus {
        guard case .unreadable(let file, _) = self else { return .usage }
        return FileManager.default.fileExists(atPath: file) ? .usage : .noInput
    }
}

extension StoreError {
    fileprivate var status: ExitStatus {
        switch self {
        case .locked: .locked
        case .noRun: .noInput
        case .notAStore, .damaged, .newerVersion, .olderVersion: .badInput
        case .diskFull, .notWritable, .unlockable, .inputOutput: .cannotWrite
        case .settings, .database: .failure
        }
    }
}

extension PipelineError {
    fileprivate var status: ExitStatus {
        switch self {
        case .noDocuments, .missingStage, .noHeldOut, .noMultipleChoice, .otherTeacher: .noInput
        case .noQuestions, .noInstructions, .brokenAdapter, .noRoomForPassages, .noRoomForHeldOut: .badInput
        }
    }
}

extension GradingError {
    fileprivate var status: ExitStatus {
        switch self {
        case .noReplies: .noInput
        case .badName: .usage
        case .noGolds, .neverInForm, .contextTooShort, .unreadable, .badRows: .badInput
        }
    }
}

extension ReportError {
    fileprivate var status: ExitStatus {
        switch self {
        case .notEvaluated: .noInput
        case .sameSeed: .usage
        }
    }
}

extension FileError {
    fileprivate var status: ExitStatus {
        switch self {
        case .system(_, _, let code) where [ENOSPC, EDQUOT, EFBIG, EROFS, EACCES, EPERM].contains(code): .cannotWrite
        case .system, .notReplaceable: .failure
        case .beingWritten: .locked
        case .foreignFiles: .cannotWrite
        }
    }
}

extension ModelFileError {
    fileprivate var status: ExitStatus {
        switch self {
        case .system(_, _, ENOENT), .noneOf: .noInput
        case .system: .failure
        default: .badInput
        }
    }
}

extension LanguageModelError {
    fileprivate var status: ExitStatus {
        if case .noModel = self { return .noInput }
        return .badInput
    }
}

extension RemoteExpertError {
    fileprivate var status: ExitStatus {
        switch self {
        case .badSetting, .badKey: .usage
        case .stopped: .unavailable
        case .fruitless: .badInput
        }
    }
}

extension CocoaError {
    fileprivate var status: ExitStatus {
        switch code {
        case .fileNoSuchFile, .fileReadNoSuchFile, .fileReadNoPermission: .noInput
        case .fileWriteOutOfSpace, .fileWriteNoPermission, .fileWriteVolumeReadOnly, .fileWriteUnknown: .cannotWrite
        default: .failure
        }
    }
}
