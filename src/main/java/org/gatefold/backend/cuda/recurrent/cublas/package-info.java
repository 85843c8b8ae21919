/** Steps whose products are cuBLAS calls, with the kernels of every cell beside them. */
package org.gatefold.backend.cuda.recurrent.cublas;
