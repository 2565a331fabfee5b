/*
 * libzmq in C: publishes as fast as it can, or echoes; the same commands as zmq_peer.py. A publisher in Python is slower
 * than the subscriber that it is to measure. Linked against the libzmq that pyzmq brings, which comes without headers:
 * what is used of its stable ABI is declared here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { unsigned char _[64]; } __attribute__((aligned(8))) zmq_msg_t;
void *zmq_ctx_new(void);
int zmq_ctx_term(void *);
void *zmq_socket(void *, int);
int zmq_close(void *);
int zmq_setsockopt(void *, int, const void *, size_t);
int zmq_getsockopt(void *, int, void *, size_t *);
int zmq_bind(void *, const char *);
int zmq_recv(void *, void *, size_t, int);
int zmq_msg_init(zmq_msg_t *);
int zmq_msg_init_size(zmq_msg_t *, size_t);
int zmq_msg_init_data(zmq_msg_t *, void *, size_t, void (*)(void *, void *), void *);
void *zmq_msg_data(zmq_msg_t *);
int zmq_msg_recv(zmq_msg_t *, void *, int);
int zmq_msg_send(zmq_msg_t *, void *, int);
int zmq_msg_more(const zmq_msg_t *);
void zmq_version(int *, int *, int *);
int zmq_errno(void);
const char *zmq_strerror(int);

enum { ROUTER = 6, XPUB = 9, LINGER = 17, SNDHWM = 23, RCVHWM = 24, LAST_ENDPOINT = 32, XPUB_VERBOSE = 40, SNDMORE = 2 };

static void *context, *sock;
/* As pyzmq does: what is small is copied, what is large is sent from where it lies. */
static const size_t COPY_BELOW = 65536;
/* Large bodies take turns, and hold something: what the processor's caches have already would be too easy to send. */
enum { BODIES = 8 };

static void answer(const char *text) {
  printf("{\"result\":\"%s\"}\n", text);
  fflush(stdout);
}

static void failed(const char *what) {
  printf("{\"error\":\"%s: %s\"}\n", what, zmq_strerror(zmq_errno()));
  fflush(stdout);
}

static void option(int name, int value) { zmq_setsockopt(sock, name, &value, sizeof value); }

static void serve_at(int type, const char *endpoint) {
  char bound[256] = "";
  size_t length = sizeof bound;
  sock = zmq_socket(context, type);
  option(SNDHWM, 0);
  option(RCVHWM, 0);
  option(LINGER, 0);
  /* Every subscriber is told of, also one with the same topic as one that has just gone. */
  if (type == XPUB) option(XPUB_VERBOSE, 1);
  if (zmq_bind(sock, endpoint) != 0) { failed("bind"); return; }
  zmq_getsockopt(sock, LAST_ENDPOINT, bound, &length);
  answer(bound);
}

static void keep(void *data, void *hint) { (void)data; (void)hint; }

static int flood(long count, int frames, size_t size) {
  unsigned char subscription[16];
  char *bodies[BODIES];
  int result = 0;
  for (int i = 0; i < BODIES; i++) memset(bodies[i] = malloc(size), 'a' + i, size);
  do {
    if (zmq_recv(sock, subscription, sizeof subscription, 0) < 0) result = -1;
  } while (result == 0 && subscription[0] != 1);
  for (long i = 0; i < count && result == 0; i++) {
    for (int frame = 0; frame < frames && result == 0; frame++) {
      zmq_msg_t message;
      char *body = bodies[i % BODIES];
      if (size < COPY_BELOW) {
        zmq_msg_init_size(&message, size);
        memcpy(zmq_msg_data(&message), body, size);
      } else {
        zmq_msg_init_data(&message, body, size, keep, NULL);
      }
      if (zmq_msg_send(&message, sock, frame + 1 < frames ? SNDMORE : 0) < 0) result = -1;
    }
  }
  /* Large bodies are still on their way: they stay until the process ends. */
  for (int i = 0; size < COPY_BELOW && i < BODIES; i++) free(bodies[i]);
  return result;
}

static int echo(long count) {
  for (long i = 0; i < count; i++) {
    int more = 1;
    while (more) {
      zmq_msg_t message;
      zmq_msg_init(&message);
      if (zmq_msg_recv(&message, sock, 0) < 0) return -1;
      more = zmq_msg_more(&message);
      if (zmq_msg_send(&message, sock, more ? SNDMORE : 0) < 0) return -1;
    }
  }
  return 0;
}

int main(void) {
  char line[1024], endpoint[256];
  long count;
  int frames;
  size_t size;
  context = zmq_ctx_new();
  while (fgets(line, sizeof line, stdin)) {
    if (sscanf(line, "{\"command\":\"publish\",\"endpoint\":\"%255[^\"]\"}", endpoint) == 1) {
      serve_at(XPUB, endpoint);
    } else if (sscanf(line, "{\"command\":\"route\",\"endpoint\":\"%255[^\"]\"}", endpoint) == 1) {
      serve_at(ROUTER, endpoint);
    } else if (sscanf(line, "{\"command\":\"flood\",\"count\":%ld,\"frames\":%d,\"size\":%zu}", &count, &frames, &size) == 3) {
      if (flood(count, frames, size) == 0) answer("");
      else failed("flood");
    } else if (sscanf(line, "{\"command\":\"echo\",\"count\":%ld}", &count) == 1) {
      if (echo(count) == 0) answer("");
      else failed("echo");
    } else if (strstr(line, "\"version\"")) {
      int major, minor, patch;
      char text[64];
      zmq_version(&major, &minor, &patch);
      snprintf(text, sizeof text, "C, libzmq %d.%d.%d", major, minor, patch);
      answer(text);
    } else {
      printf("{\"error\":\"not a command\"}\n");
      fflush(stdout);
    }
  }
  if (sock) zmq_close(sock);
  zmq_ctx_term(context);
  return 0;
}
