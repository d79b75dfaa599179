// The attention of flash.c for processors that lack AVX-512: where libtorch's cannot serve, it has windows and caps.
#define CK_PORTABLE
#define ck_flash_forward ck_flash_portable_forward
#define ck_flash_backward ck_flash_portable_backward
#define ck_flash_scratch ck_flash_portable_scratch
#include "flash.c"
