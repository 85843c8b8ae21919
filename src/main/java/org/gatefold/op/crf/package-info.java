/** Linear-chain conditional random fields. */
package org.gatefold.op.crf;
