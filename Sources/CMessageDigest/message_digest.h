// SHA-256 of libmd, the message digests of the BSDs, which Debian's own package manager is linked with.

#include <sha2.h>
