/** Pooling over steps and images. */
package org.gatefold.op.pooling;
