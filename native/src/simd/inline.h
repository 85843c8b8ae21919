/// How the functions of kernels are inlined.
#ifndef GATEFOLD_INLINE_H
#define GATEFOLD_INLINE_H

/// In every build: where files for several instruction sets see one function, a copy of it that is
/// not inlined might be one set's and serve all.
#define GF_ALWAYS_INLINE inline __attribute__((always_inline))

/// So that vectors stay in registers. A build may define it otherwise; sanitizers do, whose checks
/// make kernels long.
#ifndef GF_INLINE
#define GF_INLINE GF_ALWAYS_INLINE
#endif

/// Of kernels that several others share, or that no caller makes shorter: a copy each would be code
/// for the compiler to work on and for the processor's cache to hold.
#define GF_SHARED __attribute__((noinline, noclone))

#endif  // GATEFOLD_INLINE_H
