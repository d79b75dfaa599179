// The parts of NCCL's and of the CUDA driver's C interface that Caravan calls, as function types: the functions themselves are
// looked up at run time, so building needs neither. NCCL's enumerations are passed as the `unsigned int` that they are.
#ifndef CARAVAN_CNCCL_H
#define CARAVAN_CNCCL_H

#include <stddef.h>

typedef struct ncclComm *CNCCLCommunicator;
typedef struct CUstream_st *CNCCLStream;
typedef unsigned int CNCCLResult;

enum { CNCCL_SUCCESS = 0, CNCCL_IN_PROGRESS = 7 };
/// `ncclUint8`, `ncclFloat32` and `ncclSum`.
enum { CNCCL_BYTE = 1, CNCCL_FLOAT = 7, CNCCL_SUM = 0 };

/// What ranks are told to find one another; it is passed by value.
typedef struct {
  char internal[128];
} CNCCLUniqueId;

/// `ncclConfig_t` as it was when it came, in NCCL 2.14: later ones take it for what it says it is, and have only added to it.
typedef struct {
  size_t size;
  unsigned int magic;
  unsigned int version;
  int blocking;
} CNCCLConfig;

/// Calls return at once, and what they began is asked for.
static inline CNCCLConfig cnccl_config(void) {
  return (CNCCLConfig){.size = sizeof(CNCCLConfig), .magic = 0xcafebeef, .version = 21400, .blocking = 0};
}

typedef CNCCLResult (*CNCCLGetVersion)(int *version);
typedef CNCCLResult (*CNCCLGetUniqueId)(CNCCLUniqueId *id);
typedef CNCCLResult (*CNCCLCommInitRankConfig)(
    CNCCLCommunicator *communicator, int count, CNCCLUniqueId id, int rank, CNCCLConfig *config);
typedef CNCCLResult (*CNCCLCommAbort)(CNCCLCommunicator communicator);
typedef CNCCLResult (*CNCCLCommGetAsyncError)(CNCCLCommunicator communicator, CNCCLResult *result);
typedef const char *(*CNCCLGetErrorString)(CNCCLResult result);
typedef const char *(*CNCCLGetLastError)(CNCCLCommunicator communicator);
/// ncclGroupStart and ncclGroupEnd.
typedef CNCCLResult (*CNCCLGroup)(void);
typedef CNCCLResult (*CNCCLReduce)(
    const void *sent, void *received, size_t count, unsigned int type, unsigned int operation, int root,
    CNCCLCommunicator communicator, CNCCLStream stream);
typedef CNCCLResult (*CNCCLBroadcast)(
    const void *sent, void *received, size_t count, unsigned int type, int root, CNCCLCommunicator communicator,
    CNCCLStream stream);
typedef CNCCLResult (*CNCCLSend)(
    const void *sent, size_t count, unsigned int type, int peer, CNCCLCommunicator communicator, CNCCLStream stream);
typedef CNCCLResult (*CNCCLRecv)(
    void *received, size_t count, unsigned int type, int peer, CNCCLCommunicator communicator, CNCCLStream stream);

/// The driver's context of a device.
typedef struct CUctx_st *CCUDAContext;
/// CUDA_ERROR_NOT_READY, CU_POINTER_ATTRIBUTE_MEMORY_TYPE and CU_MEMORYTYPE_DEVICE.
enum { CCUDA_NOT_READY = 600, CCUDA_POINTER_MEMORY_TYPE = 2, CCUDA_MEMORY_DEVICE = 2 };

typedef unsigned int (*CCUDAInit)(unsigned int flags);
typedef unsigned int (*CCUDADeviceGetCount)(int *count);
typedef unsigned int (*CCUDADeviceGet)(int *device, int ordinal);
typedef unsigned int (*CCUDADevicePrimaryCtxRetain)(CCUDAContext *context, int device);
typedef unsigned int (*CCUDACtxSetCurrent)(CCUDAContext context);
typedef unsigned int (*CCUDAStreamQuery)(CNCCLStream stream);
typedef unsigned int (*CCUDAPointerGetAttribute)(void *value, unsigned int attribute, unsigned long long pointer);
typedef unsigned int (*CCUDAGetErrorString)(unsigned int error, const char **text);

#endif
