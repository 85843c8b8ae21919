/** Recurrent layers: spec, plan, weights, states, the choice between implementations, and their check against an oracle. */
package org.gatefold.op.recurrent;
