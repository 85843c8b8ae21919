/** Kernels compiled for the card at hand, and matrix products by cuBLAS. */
package org.gatefold.backend.cuda.kernel;
