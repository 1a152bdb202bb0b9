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
    /// CUDA devices that can be used.
    public static var cudaDeviceCount: Int { Int(ctorch_cuda_device_count()) }

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
