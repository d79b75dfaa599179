// A stand-in for NCCL and for the CUDA driver, on the memory of one host: what tests of ranks on GPUs load where there are none.
//
// It is as strict as NCCL where Caravan has to be right: calls return before they are done, ranks find one another by the id
// alone, all of a group's messages go at once, a sum begins behind its owner as in NCCL's rings, a rank that ends is a remote
// error to the others, and one that hangs is waited for without end.
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "CNCCL.h"

enum { INVALID_ARGUMENT = 4, REMOTE_ERROR = 6, MOST_RANKS = 8, RING = 1 << 16, UNINITIALIZED = 3 };

/// What one rank has for another: bytes, of which so many were written and so many read.
typedef struct {
  _Atomic uint64_t written, read;
  char bytes[RING];
} Channel;

/// What the ranks share.
typedef struct {
  _Atomic int joined, ended;
  Channel channels[MOST_RANKS][MOST_RANKS];
} Shared;

typedef struct Transfer {
  struct Transfer *next;
  int peer, is_sent;
  char *bytes;
  size_t count, done;
} Transfer;

/// A sum that waits for the other ranks' parts.
typedef struct Sum {
  struct Sum *next;
  float *target, *parts[MOST_RANKS];
  size_t count;
} Sum;

struct ncclComm {
  Shared *shared;
  int rank, count;
  Transfer *transfers;
  Sum *sums;
};

// Whose work the device is asked for: a thread is a rank here, or a process is.
static _Thread_local struct ncclComm *current;
static _Thread_local int depth;

CNCCLResult ncclGetVersion(int *version) { return *version = 29999, 0; }

const char *ncclGetErrorString(CNCCLResult result) {
  return result == INVALID_ARGUMENT ? "invalid argument" : result == REMOTE_ERROR ? "remote process exited" : "no error";
}

const char *ncclGetLastError(CNCCLCommunicator communicator) {
  (void)communicator;
  return "";
}

CNCCLResult ncclGetUniqueId(CNCCLUniqueId *id) {
  memset(id, 0, sizeof *id);
  const char *folder = getenv("TMPDIR");
  snprintf(id->internal, sizeof id->internal, "%s/nccl-XXXXXX", folder ? folder : "/tmp");
  const int file = mkstemp(id->internal);
  if (file < 0 || ftruncate(file, sizeof(Shared)) != 0) return INVALID_ARGUMENT;
  close(file);
  return 0;
}

CNCCLResult ncclCommInitRankConfig(
    CNCCLCommunicator *communicator, int count, CNCCLUniqueId id, int rank, CNCCLConfig *config) {
  if (config->magic != 0xcafebeef || config->size != 24 || config->version < 21400 || config->blocking != 0)
    return INVALID_ARGUMENT;
  const int file = open(id.internal, O_RDWR);
  if (file < 0 || count > MOST_RANKS || rank < 0 || rank >= count) return INVALID_ARGUMENT;
  struct ncclComm *made = calloc(1, sizeof *made);
  *made = (struct ncclComm){.rank = rank, .count = count};
  made->shared = mmap(NULL, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  // The last one needs the name no more.
  if (atomic_fetch_add(&made->shared->joined, 1) == count - 1) unlink(id.internal);
  *communicator = made;
  return CNCCL_IN_PROGRESS;
}

CNCCLResult ncclCommGetAsyncError(CNCCLCommunicator communicator, CNCCLResult *result) {
  const Shared *shared = (current = communicator)->shared;
  *result = shared->ended ? REMOTE_ERROR : shared->joined < communicator->count ? CNCCL_IN_PROGRESS : CNCCL_SUCCESS;
  return 0;
}

CNCCLResult ncclCommAbort(CNCCLCommunicator communicator) {
  communicator->shared->ended = 1;
  return 0;
}

CNCCLResult ncclGroupStart(void) { return depth++, 0; }
CNCCLResult ncclGroupEnd(void) { return --depth, CNCCL_IN_PROGRESS; }

static CNCCLResult transfer(CNCCLCommunicator communicator, int peer, int is_sent, void *bytes, size_t count) {
  if (depth == 0 || peer < 0 || peer >= communicator->count || peer == communicator->rank) return INVALID_ARGUMENT;
  Transfer *made = calloc(1, sizeof *made), **last = &communicator->transfers;
  *made = (Transfer){.peer = peer, .is_sent = is_sent, .bytes = bytes, .count = count};
  while (*last) last = &(*last)->next;
  *last = made;
  return CNCCL_IN_PROGRESS;
}

static size_t size_of(unsigned int type) { return type == CNCCL_FLOAT ? 4 : type == CNCCL_BYTE ? 1 : 0; }

CNCCLResult ncclSend(
    const void *sent, size_t count, unsigned int type, int peer, CNCCLCommunicator communicator, CNCCLStream stream) {
  if (stream || !size_of(type)) return INVALID_ARGUMENT;
  return transfer(communicator, peer, 1, (void *)sent, count * size_of(type));
}

CNCCLResult ncclRecv(
    void *received, size_t count, unsigned int type, int peer, CNCCLCommunicator communicator, CNCCLStream stream) {
  if (stream || !size_of(type)) return INVALID_ARGUMENT;
  return transfer(communicator, peer, 0, received, count * size_of(type));
}

CNCCLResult ncclBroadcast(
    const void *sent, void *received, size_t count, unsigned int type, int root, CNCCLCommunicator communicator,
    CNCCLStream stream) {
  if (sent != received) return INVALID_ARGUMENT;
  if (communicator->rank != root) return ncclRecv(received, count, type, root, communicator, stream);
  for (int peer = 0; peer < communicator->count; peer++)
    if (peer != root && ncclSend(sent, count, type, peer, communicator, stream) != CNCCL_IN_PROGRESS)
      return INVALID_ARGUMENT;
  return CNCCL_IN_PROGRESS;
}

CNCCLResult ncclReduce(
    const void *sent, void *received, size_t count, unsigned int type, unsigned int operation, int root,
    CNCCLCommunicator communicator, CNCCLStream stream) {
  if (type != CNCCL_FLOAT || operation != CNCCL_SUM || sent != received) return INVALID_ARGUMENT;
  if (communicator->rank != root) return ncclSend(sent, count, type, root, communicator, stream);
  Sum *sum = calloc(1, sizeof *sum);
  *sum = (Sum){.next = communicator->sums, .target = received, .count = count};
  communicator->sums = sum;
  for (int peer = 0; peer < communicator->count; peer++) {
    if (peer == root) continue;
    sum->parts[peer] = malloc(count * sizeof(float));
    if (ncclRecv(sum->parts[peer], count, type, peer, communicator, stream) != CNCCL_IN_PROGRESS) return INVALID_ARGUMENT;
  }
  return CNCCL_IN_PROGRESS;
}

/// Moves what there is room for; returns whether all of it is done.
static int progress(Transfer *transfer, Shared *shared, int rank) {
  Channel *channel = transfer->is_sent ? &shared->channels[rank][transfer->peer] : &shared->channels[transfer->peer][rank];
  const uint64_t written = channel->written, read = channel->read;
  size_t count = transfer->is_sent ? RING - (written - read) : written - read;
  if (count > transfer->count - transfer->done) count = transfer->count - transfer->done;
  for (size_t i = 0; i < count; i++) {
    if (transfer->is_sent)
      channel->bytes[(written + i) % RING] = transfer->bytes[transfer->done + i];
    else
      transfer->bytes[transfer->done + i] = channel->bytes[(read + i) % RING];
  }
  if (transfer->is_sent)
    channel->written = written + count;
  else
    channel->read = read + count;
  return (transfer->done += count) == transfer->count;
}

static void add(Sum *sum, int rank, int count) {
  for (size_t i = 0; i < sum->count; i++) {
    float total = count > 1 ? sum->parts[(rank + 1) % count][i] : 0;
    for (int step = 2; step < count; step++) total += sum->parts[(rank + step) % count][i];
    sum->target[i] = total + sum->target[i];
  }
  for (int peer = 0; peer < count; peer++) free(sum->parts[peer]);
}

// The device does its work while it is asked whether it has done it.
unsigned int cuStreamQuery(CNCCLStream stream) {
  if (stream || !current) return UNINITIALIZED;
  int blocked[MOST_RANKS][2] = {0};
  for (Transfer **place = &current->transfers; *place;) {
    Transfer *next = *place;
    // Between two ranks in their order.
    int *is_blocked = &blocked[next->peer][next->is_sent];
    if (!*is_blocked && progress(next, current->shared, current->rank)) {
      *place = next->next;
      free(next);
    } else {
      *is_blocked = 1;
      place = &next->next;
    }
  }
  if (current->transfers) return CCUDA_NOT_READY;
  while (current->sums) {
    Sum *sum = current->sums;
    add(sum, current->rank, current->count);
    current->sums = sum->next;
    free(sum);
  }
  return 0;
}

unsigned int cuInit(unsigned int flags) { return flags; }
unsigned int cuDeviceGetCount(int *count) { return *count = 2, 0; }
unsigned int cuDeviceGet(int *device, int ordinal) { return *device = ordinal, ordinal > 1; }
unsigned int cuDevicePrimaryCtxRetain(CCUDAContext *context, int device) {
  return *context = (CCUDAContext)(intptr_t)(device + 1), 0;
}
unsigned int cuCtxSetCurrent(CCUDAContext context) { return context ? 0 : UNINITIALIZED; }
unsigned int cuGetErrorString(unsigned int error, const char **text) { return (void)error, *text = "an error", 0; }

/// All memory is the device's, unless a test says that it is the host's.
unsigned int cuPointerGetAttribute(void *value, unsigned int attribute, unsigned long long pointer) {
  (void)pointer;
  *(unsigned int *)value = getenv("CARAVAN_TEST_HOST_MEMORY") ? 1 : CCUDA_MEMORY_DEVICE;
  return attribute != CCUDA_POINTER_MEMORY_TYPE;
}
