/** Layers that convolve. */
package org.gatefold.layer.convolution;
