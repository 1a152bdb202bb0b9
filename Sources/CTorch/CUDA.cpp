// The half of libtorch that computes on CUDA devices, and the driver that shows them. The program is linked with the other
// half alone; this one is loaded when a device is first asked for, so that one program serves all machines, and those
// without a device never pay for it. Knows files and devices, not tensors.
#include <dlfcn.h>

#include <filesystem>

#include "Guard.h"

using namespace ctorch;

namespace {

constexpr const char *advice =
    "Set LIBTORCH, or give --libtorch, to the folder of an installed Python torch 2.11 with CUDA";

/// Beside the libtorch_cpu.so that this process runs on: both halves must be of one build.
std::filesystem::path library_path() {
    Dl_info found{};
    const bool known = dladdr(reinterpret_cast<const void *>(&at::get_num_threads), &found) != 0;
    require(known && found.dli_fname != nullptr, CTORCH_DEVICE_UNAVAILABLE, "it is not known where libtorch lies");
    return std::filesystem::absolute(found.dli_fname).replace_filename("libtorch_cuda.so");
}

/// Why CUDA cannot be had from this libtorch; empty when it is loaded.
std::string load_library() {
    const auto path = library_path();
    if (!std::filesystem::exists(path)) {
        return c10::str(path.string(), " is missing: this libtorch computes on the processor alone. ", advice);
    }
    // All symbols are resolved now, so that a library that lacks one is found here and not in the middle of a run; and they
    // are global, because libtorch_cuda.so is to find what it registers with, and its own parts to find it. Its other
    // libraries it finds by itself: torch's RPATH names its own folder and those of the nvidia packages beside torch.
    if (dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL) != nullptr) return {};
    return c10::str(path.string(), " does not load (", dlerror(), "). ", advice);
}

/// libtorch looks for CUDA once and remembers. If something asked before the library was there, it stays without.
void require_noticed(int32_t devices) {
    require(devices == 0 || at::detail::getCUDAHooks().hasCUDA(), CTORCH_DEVICE_UNAVAILABLE,
            "libtorch had computed without CUDA before a device was asked for, and now stays without; ask for the "
            "device before the first tensor");
}

/// The driver's functions, by the names that cuda.h gives them.
class Driver {
   public:
    Driver() {
        library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) {
            failure = "there is no NVIDIA driver (libcuda.so.1)";
            return;
        }
        find(init, "cuInit");
        find(count, "cuDeviceGetCount");
        find(name, "cuDeviceGetName");
        find(memory, "cuDeviceTotalMem_v2");
        find(attribute, "cuDeviceGetAttribute");
        if (!failure.empty()) return;
        const int code = init(0);
        if (code == no_device) {
            failure = "the NVIDIA driver shows no device (CUDA_VISIBLE_DEVICES may hide it)";
        } else if (code != 0) {
            failure = c10::str("the NVIDIA driver does not start: error ", code, " of cuInit");
        }
    }

    /// Why there are no devices; empty where there are.
    std::string failure;
    int (*count)(int *) = nullptr;
    int (*name)(char *, int, int) = nullptr;
    int (*memory)(size_t *, int) = nullptr;
    int (*attribute)(int *, int, int) = nullptr;

    static const Driver &shared() {
        static const Driver driver;
        return driver;
    }

   private:
    static constexpr int no_device = 100;
    void *library = nullptr;
    int (*init)(unsigned) = nullptr;

    template <typename Function>
    void find(Function &function, const char *symbol) {
        function = reinterpret_cast<Function>(dlsym(library, symbol));
        if (function == nullptr) failure = c10::str("the NVIDIA driver is too old: it has no ", symbol);
    }
};

}  // namespace

namespace ctorch {

int32_t load_cuda() {
    static const std::string failure = load_library();
    require(failure.empty(), CTORCH_DEVICE_UNAVAILABLE, failure);
    const int32_t devices = c10::impl::getDeviceGuardImpl(at::kCUDA)->deviceCount();
    require_noticed(devices);
    return devices;
}

}  // namespace ctorch

CTorchCode ctorch_load_cuda(void) {
    return guarded([] { load_cuda(); });
}

CTorchCode ctorch_prepare(CTorchDevice device) {
    return guarded([&] { device_of(device); });
}

CTorchCode ctorch_driver_device_count(int32_t *out) {
    return guarded([&] {
        const Driver &driver = Driver::shared();
        require(driver.failure.empty(), CTORCH_DEVICE_UNAVAILABLE, driver.failure);
        int devices = 0;
        const int code = driver.count(&devices);
        require(code == 0, CTORCH_DEVICE_UNAVAILABLE, "the NVIDIA driver does not count its devices: error ", code);
        *out = devices;
    });
}

CTorchCode ctorch_driver_device(int32_t index, char *name, size_t capacity, int64_t *memory, int32_t *capability) {
    return guarded([&] {
        // Of CUdevice_attribute: the two halves of the compute capability.
        constexpr int major = 75, minor = 76;
        const Driver &driver = Driver::shared();
        require(driver.failure.empty(), CTORCH_DEVICE_UNAVAILABLE, driver.failure);
        size_t bytes = 0;
        int halves[2] = {};
        const bool answered = driver.name(name, static_cast<int>(capacity), index) == 0 &&
                              driver.memory(&bytes, index) == 0 &&
                              driver.attribute(&halves[0], major, index) == 0 &&
                              driver.attribute(&halves[1], minor, index) == 0;
        require(answered, CTORCH_DEVICE_UNAVAILABLE, "the NVIDIA driver does not describe device ", index);
        *memory = static_cast<int64_t>(bytes);
        *capability = 10 * halves[0] + halves[1];
    });
}

CTorchCode ctorch_synchronize(CTorchDevice device) {
    return guarded([&] {
        const at::Device place = device_of(device);
        if (place.is_cuda()) at::detail::getCUDAHooks().deviceSynchronize(place.index());
    });
}

CTorchCode ctorch_peak_memory(CTorchDevice device, int64_t *out) {
    return guarded([&] {
        const at::Device place = device_of(device);
        require(place.is_cuda(), CTORCH_FAILURE, "only CUDA devices keep count of their memory");
        const auto counts = c10::getDeviceAllocator(at::kCUDA)->getDeviceStats(place.index());
        constexpr auto all = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
        *out = counts.allocated_bytes[all].peak;
    });
}
