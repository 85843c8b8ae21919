/** States of recurrent layers: given, learned, carried from batch to batch, told to whoever asks. */
package org.gatefold.layer.recurrent.state;
