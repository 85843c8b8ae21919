/** ONNX: networks and weights read from its files, and written to them. */
package org.gatefold.exchange.onnx;
