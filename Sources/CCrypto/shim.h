#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

/// How many certificates in PEM form a text holds; -1 where one of them is none.
static inline int crypto_count_certificates(const void *text, int length) {
  BIO *source = BIO_new_mem_buf(text, length);
  int count = 0;
  X509 *certificate;
  while (source && (certificate = PEM_read_bio_X509(source, NULL, NULL, NULL))) {
    X509_free(certificate);
    count += 1;
  }
  // Where no further one begins, all is well.
  int is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  BIO_free(source);
  return is_end ? count : -1;
}
