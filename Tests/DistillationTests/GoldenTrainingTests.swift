// Trainings of which every number is known: what is rebuilt around the arithmetic leaves them as they are. Made with the trainer
// that had no sources yet, on one thread of an x86-64 processor with AVX-512.

import Basics
import Foundation
import Lineage
import TestSupport
import Testing
import Torch

@testable import Distillation

@Suite struct GoldenTrainingTests {
    private let tiny: TinyTraining

    init() throws { tiny = try TinyTraining() }

    private struct Golden {
        let losses: [Double]
        /// Before clipping.
        let gradientNorms: [Double]
        /// What a SHA-256 of the adapter's factors begins with.
        let adapter: String
    }

    @Test func distillation() throws { try expect(data(), Self.distillation) }

    @Test func fineTuning() throws { try expect(data(.none), Self.fineTuning) }

    @Test func regularisation() throws {
        var data = TrainingData(training: try tiny.samples(0..<5))
        data.instructions = try instructions()
        try expect(data, Self.regularisation)
    }

    @Test func onPolicy() throws {
        var data = try data()
        var settings = OnPolicySettings()
        settings.share = 0.5
        let asked = try (0..<7).map { index in
            let sample = try tiny.sample(index)
            return TrainingSample(
                sample.kind, prompt: sample.prompt, answer: sample.answer, teacher_Td: sample.teacher_Td,
                teacherPrompt: Prompts(systemMessage: nil).openBook("Hi", question: "\(sample.prompt[1])"))
        }
        data.training = OnPolicySource(
            HeldSamples(asked), settings: settings, answerTokens: 5, student: tiny.model, teacher: tiny.model,
            runSeed: 3)
        data.instructions = try instructions()
        try expect(data, Self.onPolicy)
    }

    private func data(_ teacher: TinyTraining.Teacher = .random) throws -> TrainingData {
        TrainingData(training: try tiny.samples(0..<7, teacher), validation: try tiny.samples(7..<9, teacher))
    }

    private func instructions() throws -> (source: any BatchSource, perStep: Int) {
        let samples = try (10..<13).map { index in
            let sample = try tiny.sample(index)
            return TrainingSample(
                .instruction("\(index)"), prompt: sample.prompt, answer: sample.answer, teacher_Td: sample.teacher_Td)
        }
        return (HeldSamples(samples), perStep: 1)
    }

    /// Another processor adds up in another order, which moves these losses by some 1e-6 of themselves. Where they are the same
    /// to the last bit, so is the adapter.
    private func expect(_ data: TrainingData, _ golden: Golden) throws {
        var reports: [StepReport] = []
        let adapter = try #require(
            try tiny.trainer("golden", data).run(onStep: { reports.append($0) }, shouldStop: { false }))
        let (losses, norms) = (reports.map(\.loss), reports.map(\.gradientNorm))
        for (ours, known) in [(losses, golden.losses), (norms, golden.gradientNorms)] {
            try #require(ours.count == known.count)
            #expect(zip(ours, known).allSatisfy { abs($0 - $1) < 1e-4 * $1 })
        }
        guard losses == golden.losses, norms == golden.gradientNorms else { return }
        var hash = SHA256()
        for factor in try tiny.numbers(adapter) { factor.withUnsafeBytes { hash.update($0) } }
        let digits = hash.finalize().map { String(format: "%02x", $0) }.joined()
        #expect(digits.hasPrefix(golden.adapter))
    }

    // MARK: - The numbers

    private static let distillation = Golden(
        losses: [
            0.19358037145604068, 0.18665867675413483, 0.199009507894516, 0.14628933081172169, 0.13368249641514152,
            0.12336146831512451, 0.11414744628380624, 0.10871124467386528, 0.1283171066140265,
        ],
        gradientNorms: [
            0.13233665108521345, 0.1582690824391258, 0.29673456418009425, 0.11456847960885386, 0.13600374957991912,
            0.22217764966295517, 0.12702314115186572, 0.11976878242444237, 0.22286920271888794,
        ], adapter: "e810b95d0c73cd87")

    private static let fineTuning = Golden(
        losses: [
            5.667644500732422, 5.523805618286133, 5.791471481323242, 4.918941497802734, 4.99868106842041,
            5.177034378051758, 4.5307745933532715, 4.695242404937744, 4.475120544433594,
        ],
        gradientNorms: [
            1.3779354908088985, 1.5018908649940819, 3.6632772725178624, 1.5367265447356073, 2.117491392029481,
            3.3225910303583954, 2.091838880432074, 2.1544001159831154, 3.473941598159699,
        ], adapter: "7f1a025699677dda")

    private static let regularisation = Golden(
        losses: [
            0.20911700182437165, 0.1949295412360046, 0.17017566785216331, 0.1492565067970822, 0.13182982450216474,
            0.14732346273460217, 0.1159379613775679, 0.11613453012664071, 0.11687744967639446,
        ],
        gradientNorms: [
            0.16777816112480387, 0.14921779588542536, 0.15895285187635413, 0.1370644211483937, 0.11357105148986092,
            0.17608128214777358, 0.1139191921991699, 0.12009018909761908, 0.13481736385929705,
        ], adapter: "5181415d047f4e91")

    private static let onPolicy = Golden(
        losses: [
            0.16698962250293575, 0.16230335853006228, 0.18332968887887757, 0.1450121501525219, 0.1505591696915775,
            0.12143464435720819, 0.1274474735482936, 0.11026940949394548, 0.13292855608697557, 0.0964365514260308,
            0.10505783870988594, 0.11034983104516549,
        ],
        gradientNorms: [
            0.1456157525036922, 0.1956889182834741, 0.17659326985319587, 0.2018556092331354, 0.13848398543171828,
            0.19190455414691251, 0.1809540553335879, 0.21699073278280037, 0.14941200196778912, 0.1366839342496719,
            0.11364042119249242, 0.14393304206782426,
        ], adapter: "1bf0133e4822162b")
}
