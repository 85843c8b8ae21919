/** Convolutions over steps and images. */
package org.gatefold.op.convolution;
