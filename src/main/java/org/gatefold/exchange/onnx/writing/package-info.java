/** Layers of models as messages of ONNX files. */
package org.gatefold.exchange.onnx.writing;
