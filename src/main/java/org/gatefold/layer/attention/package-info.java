/** Layers that attend. */
package org.gatefold.layer.attention;
