// libtorch itself: its version, its threads and what it finds on this machine.

import CTorch

/// The libtorch that this process is linked with.
public enum Library {
    /// libtorch's version, such as 2.11.0.
    public static var version: String { String(cString: ctorch_version()) }
    /// The widest vector instructions that its CPU kernels use here.
    public static var cpuCapability: String { String(cString: ctorch_cpu_capability()) }
    /// Whether this processor multiplies bfloat16 matrices in hardware; without it bfloat16 is slower than float32.
    public static var cpuHasBFloat16: Bool { ctorch_cpu_has_bf16_matmul() }

    /// Threads that one operation is spread over.
    public static var threads: Int { Int(ctorch_get_num_threads()) }

    /// Sets the threads that one operation is spread over. Losses are bit-identical only for the same number.
    public static func setThreads(_ count: Int) throws(TorchError) {
        try Tensor.run("set_num_threads", []) { ctorch_set_num_threads(Int32(clamping: count)) }
    }

    /// Has the process keep freed memory for its next tensors; otherwise the system clears each large tensor's pages anew.
    /// For processes that are about to compute; call it before the first tensor.
    public static func keepFreedMemory() { ctorch_keep_freed_memory() }

    /// Waits until all work queued on a device is done.
    public static func synchronize(_ device: Device) throws(TorchError) {
        try Tensor.run("synchronize", []) { ctorch_synchronize(device.code) }
    }
}

/// A graphics card as the NVIDIA driver describes it.
public struct CUDADevice: Sendable, Hashable {
    /// Its number, that of `Device.cuda`.
    public let index: Int
    /// The maker's name of it.
    public let name: String
    /// Its memory in bytes.
    public let memory: Int
    /// Whether it multiplies bfloat16 matrices in hardware, as all do from compute capability 8.0 on.
    public let hasBFloat16: Bool
}

extension Library {
    /// Makes a device ready, loading what computes on it, or says why it cannot be used. To be called before the first
    /// tensor of the process, because libtorch looks for CUDA once.
    public static func prepare(_ device: Device) throws(TorchError) {
        try Tensor.run("prepare", []) { ctorch_prepare(device.code) }
    }

    /// Loads libtorch_cuda.so, or says what is missing; a device need not be there.
    public static func loadCUDA() throws(TorchError) {
        try Tensor.run("load_cuda", []) { ctorch_load_cuda() }
    }

    /// The cards that the driver shows, whether or not this libtorch can use them.
    public static func cudaDevices() throws(TorchError) -> [CUDADevice] {
        var count: Int32 = 0
        try Tensor.run("driver_device_count", []) { ctorch_driver_device_count(&count) }
        return try (0..<count).map { index throws(TorchError) in
            var name = [CChar](repeating: 0, count: 256)
            let capacity = name.count
            var memory: Int64 = 0
            var capability: Int32 = 0
            try Tensor.run("driver_device", []) {
                ctorch_driver_device(index, &name, capacity, &memory, &capability)
            }
            let letters = name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
            return CUDADevice(
                index: Int(index), name: String(decoding: letters, as: UTF8.self), memory: Int(memory),
                hasBFloat16: capability >= 80)
        }
    }

    /// The most bytes that tensors have taken on a CUDA device at one time.
    public static func peakMemory(_ device: Device) throws(TorchError) -> Int {
        var bytes: Int64 = 0
        try Tensor.run("peak_memory", []) { ctorch_peak_memory(device.code, &bytes) }
        return Int(bytes)
    }
}
