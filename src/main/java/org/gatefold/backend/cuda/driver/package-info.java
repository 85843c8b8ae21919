/** The CUDA driver: context, memory, copies, streams, graphs. */
package org.gatefold.backend.cuda.driver;
