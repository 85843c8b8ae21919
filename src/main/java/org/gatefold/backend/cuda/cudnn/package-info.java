/** Recurrent layers and softmax by cuDNN. */
package org.gatefold.backend.cuda.cudnn;
