#include <opencv2/videoio.hpp>

extern "C" {
#include "read.h"
}

int foyer_read(void *capture, void *mat) {
	try {
		return static_cast<cv::VideoCapture *>(capture)->read(*static_cast<cv::Mat *>(mat));
	} catch (...) {
		return -1;
	}
}
