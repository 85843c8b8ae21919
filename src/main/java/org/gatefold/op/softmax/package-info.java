/** Softmax over the last dimension. */
package org.gatefold.op.softmax;
