// The library itself: version, threads, what the processor and the machine offer.
#include "Guard.h"

using namespace ctorch;

const char *ctorch_version(void) { return TORCH_VERSION; }

const char *ctorch_cpu_capability(void) {
    static const std::string capability = answer_or(std::string(), [] { return at::get_cpu_capability(); });
    return capability.c_str();
}

bool ctorch_cpu_has_bf16_matmul(void) {
    return answer_or(false, [] {
        const auto capabilities = at::cpu::get_cpu_capabilities();
        const auto has = [&](const char *name) {
            const auto found = capabilities.find(name);
            return found != capabilities.end() && found->second.toBool();
        };
        return has("avx512_bf16") || has("amx_bf16") || has("bf16");
    });
}

int32_t ctorch_get_num_threads(void) {
    return answer_or(1, [] { return at::get_num_threads(); });
}

CTorchCode ctorch_set_num_threads(int32_t threads) {
    return guarded([&] { at::set_num_threads(threads); });
}
