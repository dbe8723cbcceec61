// foyer_read reads the next frame into a cv::Mat: 1, 0 where there is none, -1 where OpenCV refuses what came.
int foyer_read(void *capture, void *mat);
