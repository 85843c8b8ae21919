/** Attention of queries to keys. */
package org.gatefold.op.attention;
