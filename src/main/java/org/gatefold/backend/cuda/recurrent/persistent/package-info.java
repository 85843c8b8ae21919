/** Kernels that run all steps of a segment in one launch. */
package org.gatefold.backend.cuda.recurrent.persistent;
