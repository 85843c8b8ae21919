/** ONNX graphs on the host: read from a file, and folded until only what depends on inputs is left. */
package org.gatefold.exchange.onnx.graph;
