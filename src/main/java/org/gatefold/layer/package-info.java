/** Layers: parameters and one typed forward pass each, on top of the operations; they know no device. */
package org.gatefold.layer;
