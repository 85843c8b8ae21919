/** Recurrent layers by kernels of Gatefold's own: plans, lanes and the order of their steps; how a step is computed is a room. */
package org.gatefold.backend.cuda.recurrent;
