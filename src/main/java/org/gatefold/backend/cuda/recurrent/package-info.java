/** Recurrent layers by kernels of Gatefold's own. */
package org.gatefold.backend.cuda.recurrent;
