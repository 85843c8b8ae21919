/** Layers that pool. */
package org.gatefold.layer.pooling;
