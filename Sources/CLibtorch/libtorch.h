// Empty on purpose: libtorch's own headers are C++ and stay behind the CTorch target.
