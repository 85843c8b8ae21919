/** Layers that normalise. */
package org.gatefold.layer.norm;
