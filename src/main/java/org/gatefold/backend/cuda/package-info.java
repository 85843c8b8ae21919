/** NVIDIA GPUs through JCuda: driver API, NVRTC and cuBLAS. The only package that imports {@code jcuda}. */
package org.gatefold.backend.cuda;
