//===- Onnx.cpp - A CLIP model as an ONNX graph ---------------------------===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Onnx/Onnx.h"
#include "Emit/Onnx/ClipGraph.h"
#include "Support/Check.h"
#include "onnx/checker.h"
#include "onnx/shape_inference/implementation.h"
#include <cstdio>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

using namespace cat;
using namespace cat::emit;

/// Operators of version 17 belong to version 8 of the format (ONNX 1.12).
static constexpr int64_t kOpset = 17, kIrVersion = 8;

std::string emit::onnxDataFile(const std::string &path) { return path + ".data"; }

namespace {

/// A protocol buffer's bytes on their way to a file.
class WriterStream final : public google::protobuf::io::CopyingOutputStream {
public:
  explicit WriterStream(results::FileWriter &writer) : writer_(writer) {}

  bool Write(const void *buffer, int size) override {
    writer_.append({static_cast<const char *>(buffer), static_cast<size_t>(size)});
    return true;
  }

private:
  results::FileWriter &writer_;
};

} // namespace

static std::optional<std::string> writeModel(const std::string &path,
                                             const onnx::ModelProto &model) {
  results::FileWriter writer(path);
  WriterStream stream(writer);
  {
    google::protobuf::io::CopyingOutputStreamAdaptor adaptor(&stream);
    google::protobuf::io::CodedOutputStream coded(&adaptor);
    // The same model gives the same bytes.
    coded.SetSerializationDeterministic(true);
    if (!model.SerializeToCodedStream(&coded))
      return "'" + path + "': the graph does not fit a protocol buffer";
  }
  return writer.commit();
}

static int64_t bytesOf(const weights::ClipConfig &config) {
  int64_t elements = 0;
  for (const auto &[name, shape] : weights::expectedShapes(config))
    elements += weights::elementCount(shape).value_or(0);
  return elements * static_cast<int64_t>(sizeof(float));
}

/// Runs what may find fault with the model; its message is the fault's.
template <typename Fn> static std::optional<std::string> faultOf(Fn run) {
  try {
    run();
  } catch (const std::exception &error) {
    return std::string(error.what());
  }
  return std::nullopt;
}

std::optional<std::string> emit::writeOnnx(const std::string &path,
                                           const weights::ClipConfig &config,
                                           weights::StateDict weights, const OnnxOptions &options) {
  if (std::optional<std::string> misfit = weights::checkWeights(weights, config))
    return misfit;
  onnx::ModelProto model;
  model.set_ir_version(kIrVersion);
  model.set_producer_name("catc");
  model.set_producer_version(options.version);
  onnx::OperatorSetIdProto &opset = *model.add_opset_import();
  opset.set_domain("");
  opset.set_version(kOpset);
  onnx::StringStringEntryProto &record = *model.add_metadata_props();
  record.set_key("catc.model");
  record.set_value(weights::printModelRecord({config, config}));
  model.mutable_graph()->set_name("clip");

  bool outside = bytesOf(config) > options.mostInside;
  std::optional<TensorData> data;
  if (outside) {
    std::string file = onnxDataFile(path);
    data.emplace(file, file.substr(file.find_last_of('/') + 1));
  }
  GraphBuilder builder(*model.mutable_graph(), data ? &*data : nullptr);
  buildClip(builder, config, weights, options.batch);
  CATC_CHECK(weights.empty(), "a graph has every weight of its model");

  std::optional<std::string> fault = faultOf([&] {
    onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(),
                                       onnx::ShapeInferenceOptions(/*check_type_val=*/true,
                                                                   /*strict_mode_val=*/1,
                                                                   /*data_prop_val=*/true));
    if (!outside)
      onnx::checker::check_model(model);
  });
  if (!fault && !outside) {
    return writeModel(path, model);
  } else if (!fault) {
    // The checker looks for the tensors beside the graph, so both are written first.
    std::string unchecked = path + ".unchecked";
    std::optional<std::string> problem = data->commit();
    if (!problem)
      problem = writeModel(unchecked, model);
    if (problem)
      return problem;
    fault = faultOf([&] { onnx::checker::check_model(unchecked); });
    if (!fault && std::rename(unchecked.c_str(), path.c_str()) == 0)
      return std::nullopt;
    std::remove(unchecked.c_str());
    std::remove(onnxDataFile(path).c_str());
    if (!fault)
      return "cannot write '" + path + "'";
  }
  return "'" + path + "': ONNX refuses the graph: " + *fault;
}
