/// How the functions of kernels are inlined: always, so that vectors stay in registers. A build may
/// define it otherwise; sanitizers do, whose checks make kernels long.
#ifndef GATEFOLD_INLINE_H
#define GATEFOLD_INLINE_H

#ifndef GF_INLINE
#define GF_INLINE inline __attribute__((always_inline))
#endif

#endif  // GATEFOLD_INLINE_H
