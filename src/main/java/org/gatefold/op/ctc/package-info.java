/** Connectionist temporal classification: labels in order, without times. */
package org.gatefold.op.ctc;
