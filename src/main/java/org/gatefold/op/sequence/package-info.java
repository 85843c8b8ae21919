/** Operations over the steps of time-major sequences. */
package org.gatefold.op.sequence;
