// Compiles where CNCCL.h says what NCCL's own header says; functions are compared by all of their arguments, and an identifier,
// which has no name in NCCL's, by its size.
#include <nccl.h>
#include <stddef.h>

#include "CNCCL.h"

static CNCCLGetVersion version = ncclGetVersion;
static CNCCLCommAbort abort_ = ncclCommAbort;
static CNCCLCommGetAsyncError state = ncclCommGetAsyncError;
static CNCCLGetErrorString error = ncclGetErrorString;
static CNCCLGetLastError last = ncclGetLastError;
static CNCCLGroup start = ncclGroupStart, end = ncclGroupEnd;
static CNCCLReduce reduce = ncclReduce;
static CNCCLBroadcast broadcast = ncclBroadcast;
static CNCCLSend send = ncclSend;
static CNCCLRecv receive = ncclRecv;
static ncclResult_t (*unique)(ncclUniqueId *) = ncclGetUniqueId;
static ncclResult_t (*begin)(ncclComm_t *, int, ncclUniqueId, int, ncclConfig_t *) = ncclCommInitRankConfig;

_Static_assert(sizeof(CNCCLUniqueId) == sizeof(ncclUniqueId), "identifier");
_Static_assert(offsetof(CNCCLConfig, magic) == offsetof(ncclConfig_t, magic), "magic");
_Static_assert(offsetof(CNCCLConfig, version) == offsetof(ncclConfig_t, version), "version");
_Static_assert(offsetof(CNCCLConfig, blocking) == offsetof(ncclConfig_t, blocking), "blocking");
_Static_assert(NCCL_API_MAGIC == 0xcafebeef, "magic");
_Static_assert((int)CNCCL_SUCCESS == ncclSuccess && (int)CNCCL_IN_PROGRESS == ncclInProgress, "results");
_Static_assert((int)CNCCL_BYTE == ncclUint8 && (int)CNCCL_FLOAT == ncclFloat32, "types");
_Static_assert((int)CNCCL_SUM == ncclSum, "operation");
