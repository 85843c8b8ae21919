/** Files: bounded streams and texts, safetensors, JSON, and files that are replaced as a whole. */
package org.gatefold.file;
