/** Updates of parameters from gradients. */
package org.gatefold.op.optimizer;
