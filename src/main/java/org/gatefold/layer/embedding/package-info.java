/** Layers that look ids up. */
package org.gatefold.layer.embedding;
