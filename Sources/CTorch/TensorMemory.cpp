// Memory of tensors on the CPU. A training step makes and drops some ten thousand tensors of a few hundred sizes. The C
// library either has the system clear each large one anew or, told to keep them, searches long lists for one that fits
// (measured: a fifth of a step). Here what is freed stays in slabs of huge pages, the best fit is found in logarithmic time,
// and free neighbours are one block again. The caching allocators that libtorch brings keep blocks of the exact size only,
// which never repeats where batches differ in length.
#include <sys/mman.h>

#include <map>
#include <mutex>
#include <set>

#include "Guard.h"

namespace {

class TensorMemory final : public at::Allocator {
   public:
    at::DataPtr allocate(size_t bytes) override {
        void *block = take(bytes);
        return {block, block, &TensorMemory::release, at::Device(at::kCPU)};
    }
    at::DeleterFnPtr raw_deleter() const override { return &TensorMemory::release; }
    void copy_data(void *to, const void *from, size_t bytes) const override { default_copy_data(to, from, bytes); }

    /// Lives as long as the process: tensors may be released by whatever is destroyed last.
    static TensorMemory &shared() {
        static auto *memory = new TensorMemory;
        return *memory;
    }

   private:
    struct Block {
        size_t size;
        bool is_free;
        bool begins_slab;
    };
    using Place = std::map<char *, Block>::iterator;

    /// Smaller tensors are the C library's business, which is fast with them.
    static constexpr size_t smallest = 32 << 10;
    /// A remainder that is smaller stays with the block it would be cut from.
    static constexpr size_t smallest_remainder = 4 << 10;
    static constexpr size_t huge_page = 2 << 20;
    static constexpr size_t slab = 64 << 20;
    static constexpr size_t largest = size_t(1) << 46;

    std::mutex mutex;
    std::map<char *, Block> blocks;
    std::set<std::pair<size_t, char *>> free_blocks;

    void *take(size_t bytes) {
        if (bytes < smallest || bytes > largest) return c10::alloc_cpu(bytes);
        // A line more than asked for, so that tensors of round sizes do not all begin at the same place of a page.
        const size_t size = (bytes + 63) / 64 * 64 + 64;
        const std::lock_guard lock(mutex);
        auto fit = free_blocks.lower_bound({size, nullptr});
        if (fit == free_blocks.end()) {
            release_empty_slabs();
            // The C library's own error is the one that says that memory is out.
            if (!reserve(size)) return c10::alloc_cpu(bytes);
            fit = free_blocks.lower_bound({size, nullptr});
        }
        const Place place = blocks.find(fit->second);
        free_blocks.erase(fit);
        place->second.is_free = false;
        if (place->second.size - size >= smallest_remainder) {
            const Block rest{place->second.size - size, true, false};
            free_blocks.emplace(rest.size, place->first + size);
            blocks.emplace_hint(std::next(place), place->first + size, rest);
            place->second.size = size;
        }
        return place->first;
    }

    static void release(void *data) {
        if (!shared().give_back(static_cast<char *>(data))) c10::free_cpu(data);
    }

    /// False for what the C library gave.
    bool give_back(char *data) {
        const std::lock_guard lock(mutex);
        Place place = blocks.find(data);
        if (place == blocks.end()) return false;
        place->second.is_free = true;
        join(place);
        if (!place->second.begins_slab && std::prev(place)->second.is_free) {
            place = std::prev(place);
            free_blocks.erase({place->second.size, place->first});
            join(place);
        }
        free_blocks.emplace(place->second.size, place->first);
        return true;
    }

    /// Adds the block behind this one to it, if it is free.
    void join(Place place) {
        const Place next = std::next(place);
        if (next == blocks.end() || next->second.begins_slab || !next->second.is_free) return;
        free_blocks.erase({next->second.size, next->first});
        place->second.size += next->second.size;
        blocks.erase(next);
    }

    bool reserve(size_t size) {
        const size_t wanted = std::max(slab, (size + huge_page - 1) / huge_page * huge_page);
        void *mapped = mmap(nullptr, wanted + huge_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (mapped == MAP_FAILED) return false;
        char *const begin = static_cast<char *>(mapped);
        char *const aligned = begin + (huge_page - reinterpret_cast<uintptr_t>(begin) % huge_page) % huge_page;
        if (aligned > begin) munmap(begin, aligned - begin);
        munmap(aligned + wanted, begin + huge_page - aligned);
#ifdef MADV_HUGEPAGE
        madvise(aligned, wanted, MADV_HUGEPAGE);
#endif
        blocks.emplace(aligned, Block{wanted, true, true});
        free_blocks.emplace(wanted, aligned);
        return true;
    }

    void release_empty_slabs() {
        for (auto free = free_blocks.begin(); free != free_blocks.end();) {
            const Place place = blocks.find(free->second);
            const Place next = std::next(place);
            const bool is_whole = place->second.begins_slab && (next == blocks.end() || next->second.begins_slab);
            if (is_whole) {
                munmap(place->first, place->second.size);
                blocks.erase(place);
                free = free_blocks.erase(free);
            } else {
                ++free;
            }
        }
    }
};

}  // namespace

void ctorch_keep_freed_memory(void) { c10::SetCPUAllocator(&TensorMemory::shared(), /*priority=*/1); }
