/** Ids as rows of a table. */
package org.gatefold.op.embedding;
