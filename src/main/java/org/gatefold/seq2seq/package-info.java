/** Models that read one sequence and write another. */
package org.gatefold.seq2seq;
