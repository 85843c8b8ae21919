/** Costs of outputs, and their gradients. */
package org.gatefold.op.loss;
