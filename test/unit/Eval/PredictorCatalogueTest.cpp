//===- PredictorCatalogueTest.cpp - catlib's predictors against references ===//
//
// Part of the catc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads catlib/predictor.cat and catlib/openclip.cat as a user's spec does, and compares them with
// every row of the reference tables. MACs follow the published formula, on which the fit was made.
//
//===----------------------------------------------------------------------===//

#include "Accel/Accel.h"
#include "Eval/PredictorBlock.h"
#include "Frontend/Frontend.h"
#include "NN/NN.h"
#include "Space/Space.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

using namespace cat;
using namespace cat::eval;
namespace fs = std::filesystem;

namespace {

using Row = std::map<std::string, std::string>;

std::vector<std::string> splitLine(const std::string &line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (char c : line) {
    if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      fields.emplace_back();
    else if (c != '\r')
      fields.back() += c;
  }
  return fields;
}

/// A reference table; empty if there is none.
std::vector<Row> readTable(const std::string &name) {
  const char *set = std::getenv("CATC_REFS");
  std::ifstream file(fs::path(set ? set : CATC_DEFAULT_REFS) / "accuracy" / name);
  std::vector<Row> rows;
  std::string line;
  if (!std::getline(file, line))
    return rows;
  std::vector<std::string> header = splitLine(line);
  while (std::getline(file, line)) {
    std::vector<std::string> fields = splitLine(line);
    fields.resize(header.size());
    Row &row = rows.emplace_back();
    for (size_t i = 0; i < header.size(); ++i)
      row[header[i]] = fields[i];
  }
  return rows;
}

double number(const Row &row, const std::string &key) { return std::stod(row.at(key)); }

/// "CarbonCLIP-32-S" is the design carbonclip_32_s, "CLIP-B/16-DataComp" is clip_b_16.
std::string designName(std::string name) {
  if (size_t suffix = name.find("-DataComp"); suffix != std::string::npos)
    name.erase(suffix);
  for (char &c : name)
    c = std::isalnum(static_cast<unsigned char>(c)) ? static_cast<char>(std::tolower(c)) : '_';
  return name;
}

bool isUnpruned(const Row &row) { return row.at("name").rfind("CLIP-B", 0) == 0; }
bool isCalibration(const Row &row) { return row.at("name").rfind("CarbonCLIP", 0) == 0; }

/// The published formula: layers, then the patch embedding.
int64_t macsOf(const Sizes &sizes) {
  auto get = [&](const char *name) { return static_cast<int64_t>(sizes.at(name)); };
  bool vision = sizes.count("patch");
  int64_t patches = vision ? (get("image") / get("patch")) * (get("image") / get("patch")) : 0;
  int64_t n = vision ? patches + 1 : get("context");
  int64_t width = get("width"), attention = get("heads") * get("head_dim");
  int64_t macs = get("layers") *
                 (n * (4 * attention * width + 2 * width * get("ffn")) + 2 * n * n * attention);
  return macs + (vision ? patches * 3 * get("patch") * get("patch") * width : 0);
}

/// A spec's module, and what the tests need of it.
struct Loaded {
  mlir::MLIRContext context;
  frontend::DiagnosticEngine diagnostics;
  frontend::Spec spec;

  space::EvaluatorOp evaluator() {
    space::EvaluatorOp found;
    spec.module->walk([&](space::EvaluatorOp op) { found = op; });
    return found;
  }
  space::StudyOp study() {
    space::StudyOp found;
    spec.module->walk([&](space::StudyOp op) { found = op; });
    return found;
  }
  /// Shape of a model of the module.
  ModelShape shape(mlir::StringRef symbol) {
    ModelShape shape;
    spec.module->walk([&](nn::SegmentOp segment) {
      if (segment->getParentOfType<nn::ModelOp>().getSymName() != symbol)
        return;
      Sizes sizes = readSizes(segment.getSizes());
      if (sizes.count("layers"))
        shape[segment.getSymName().str()] = {macsOf(sizes), sizes};
    });
    return shape;
  }
  ModelShape baselineShape() { return shape(*study().getBaselineModel()); }
};

/// Loads a study of `model` with a predictor, and a published design as its baseline.
std::unique_ptr<Loaded> load(const std::string &predictor, const std::string &model,
                             const std::string &baseline, const std::string &more = "") {
  auto loaded = std::make_unique<Loaded>();
  std::string folder = (fs::temp_directory_path() / "catc-predictor-XXXXXX").string();
  EXPECT_NE(::mkdtemp(folder.data()), nullptr);
  std::string path = folder + "/spec.cat";
  std::ofstream(path) << R"(
import "catlib/carbon.cat" as carbon;
import "catlib/edge_npu.cat" as npu;
import "catlib/openclip.cat" as openclip;
import "catlib/predictor.cat" as predictor;
carbon deployment {
  fab = carbon.taiwan_2023; grid = carbon.california_2024; lifetime = 3 years; inferences = 1e6;
}
)" << more << R"(
study test {
  model = openclip.)" << model
                      << R"(; hardware = npu.weight_stationary; carbon = deployment;
  maximize accuracy threshold 10 %;
  minimize carbon threshold 1 kgCO2e;
  baseline openclip.)" << baseline
                      << R"(;
  evaluate { accuracy = )"
                      << predictor << R"(; }
}
)";
  frontend::loadDialects(&loaded->context);
  frontend::FrontendOptions options;
  options.searchPaths = {CATC_SOURCE_DIR};
  loaded->spec = frontend::loadSpec(path, &loaded->context, options, loaded->diagnostics);
  if (!loaded->spec)
    loaded->diagnostics.flush(llvm::errs());
  fs::remove_all(folder);
  return loaded;
}

/// A figure of accuracy with the name that the paper's table gives it, and its factor there.
struct PublishedFigure {
  const char *predictor, *column;
  double scale;
  bool constant; ///< whether the fit has one
};
void PrintTo(const PublishedFigure &figure, std::ostream *os) { *os << figure.predictor; }
const PublishedFigure kFigures[] = {{"imagenet_top1", "in1k", 1, false},
                                    {"coco_r1", "coco_mean_r1", 1, true},
                                    {"avg41", "avg41", 0.01, false}};

/// A row of the paper with what the predictor makes of it.
struct Case {
  Row row;
  ModelShape shape, parent;
  double parentAccuracy, published;
  Prediction predicted, fitted;
  double error() const { return fitted.value - published; }
};

class Catalogue : public testing::TestWithParam<PublishedFigure> {
protected:
  void SetUp() override {
    rows = readTable("paper_carbonclip.csv");
    if (rows.empty())
      GTEST_SKIP() << "no reference data: set CATC_REFS";
    for (const Row &row : rows) {
      std::string design = designName(row.at("name"));
      auto loaded = load(std::string("predictor.") + GetParam().predictor +
                             "(parent = \"datacomp_xl_s13b_b90k\")",
                         "vit_b_" + row.at("patch"), design);
      ASSERT_TRUE(loaded->spec) << design;
      auto block = readPredictorBlock(loaded->evaluator().getConfig());
      ASSERT_EQ(block.index(), 0u) << std::get<std::string>(block);
      const auto &[data, checkpoint] = std::get<PredictorBlock>(block);
      ModelShape parent = loaded->shape(loaded->study().getModel());
      auto made = Predictor::create(data, checkpoint, parent);
      ASSERT_EQ(made.index(), 0u) << std::get<std::string>(made);
      predictors.push_back(std::make_unique<Predictor>(std::get<Predictor>(made)));
      ModelShape shape = loaded->baselineShape();
      cases.push_back({row, shape, parent, predictors.back()->predict(parent).value,
                       number(row, GetParam().column) * GetParam().scale,
                       predictors.back()->predict(shape), predictors.back()->fitted(shape)});
      lastData = data;
    }
  }

  std::vector<Row> rows;
  std::vector<Case> cases;
  std::vector<std::unique_ptr<Predictor>> predictors;
  PredictorData lastData;
};

/// Solves the normal equations of a least-squares problem of few unknowns.
std::vector<double> leastSquares(const std::vector<std::vector<double>> &x,
                                 const std::vector<double> &y) {
  size_t n = x[0].size();
  std::vector<std::vector<double>> a(n, std::vector<double>(n + 1));
  for (size_t r = 0; r < x.size(); ++r)
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j)
        a[i][j] += x[r][i] * x[r][j];
      a[i][n] += x[r][i] * y[r];
    }
  for (size_t i = 0; i < n; ++i)
    for (size_t r = 0; r < n; ++r) {
      if (r == i)
        continue;
      double factor = a[r][i] / a[i][i];
      for (size_t j = 0; j <= n; ++j)
        a[r][j] -= factor * a[i][j];
    }
  std::vector<double> k(n);
  for (size_t i = 0; i < n; ++i)
    k[i] = a[i][n] / a[i][i];
  return k;
}

double logit(double p) { return std::log(p / (1 - p)); }
double logistic(double x) { return 1 / (1 + std::exp(-x)); }

} // namespace

TEST_P(Catalogue, AnswersPublishedModelsWithTheirFigures) {
  for (const Case &c : cases) {
    EXPECT_THAT(std::string(c.predicted.source), testing::StartsWith("published: "));
    EXPECT_FALSE(c.predicted.extrapolated);
    EXPECT_LE(c.predicted.sigma, 0.003);
    // Of unpruned models catlib has OpenCLIP's figure, which has more digits and is another
    // measurement.
    double tolerance = isUnpruned(c.row) ? 0.0055 : 1e-12;
    EXPECT_NEAR(c.predicted.value, c.published, tolerance) << c.row.at("name");
  }
}

TEST_P(Catalogue, FitsThePublishedModels) {
  // Largest errors in points: on the models of the fit, and on the TinyCLIPs, which it has not
  // seen.
  std::map<std::string, std::pair<double, double>> limits = {
      {"imagenet_top1", {1.4, 2.8}}, {"coco_r1", {1.5, 3.8}}, {"avg41", {1.4, 3.8}}};
  auto [calibration, unseen] = limits.at(GetParam().predictor);
  for (const Case &c : cases)
    if (!isUnpruned(c.row)) {
      EXPECT_LE(100 * std::fabs(c.error()), isCalibration(c.row) ? calibration : unseen)
          << c.row.at("name");
    }
}

TEST_P(Catalogue, SigmaIsHonest) {
  double sum = 0;
  int count = 0;
  for (const Case &c : cases) {
    if (isUnpruned(c.row))
      continue;
    double z = c.error() / c.fitted.sigma;
    EXPECT_LT(std::fabs(z), 2.5) << c.row.at("name");
    sum += z * z;
    ++count;
  }
  // The root mean square of errors over sigmas is about one: neither boastful nor useless.
  EXPECT_LT(std::sqrt(sum / count), 1.2);
  EXPECT_GT(std::sqrt(sum / count), 0.4);
}

TEST_P(Catalogue, CoefficientsAreTheLeastSquaresFit) {
  std::vector<std::vector<double>> x;
  std::vector<double> y;
  std::vector<const Case *> used;
  for (const Case &c : cases) {
    if (!isCalibration(c.row))
      continue;
    auto ratio = [&](const char *tower) {
      return std::log(static_cast<double>(c.shape.at(tower).macs) /
                      static_cast<double>(c.parent.at(tower).macs));
    };
    x.push_back({ratio("vision"), ratio("text")});
    if (GetParam().constant)
      x.back().push_back(1);
    y.push_back(logit(c.published) - logit(c.parentAccuracy));
    used.push_back(&c);
  }
  ASSERT_GE(x.size(), 4u);
  std::vector<double> k = leastSquares(x, y);
  std::map<std::string, double> exponents;
  for (const TowerFit &fit : lastData.towers)
    exponents[fit.segment] = fit.exponent;
  EXPECT_NEAR(exponents.at("vision"), k[0], 0.005);
  EXPECT_NEAR(exponents.at("text"), k[1], 0.005);
  EXPECT_NEAR(lastData.constant, GetParam().constant ? k[2] : 0, 0.005);

  // The errors that catlib quotes, each model predicted by the fit on the others.
  double mean = 0, largest = 0;
  for (size_t left = 0; left < x.size(); ++left) {
    auto xs = x;
    auto ys = y;
    xs.erase(xs.begin() + static_cast<long>(left));
    ys.erase(ys.begin() + static_cast<long>(left));
    std::vector<double> without = leastSquares(xs, ys);
    double logits = logit(used[left]->parentAccuracy);
    for (size_t i = 0; i < without.size(); ++i)
      logits += without[i] * x[left][i];
    double error = 100 * std::fabs(logistic(logits) - used[left]->published);
    mean += error / static_cast<double>(x.size());
    largest = std::max(largest, error);
  }
  std::map<std::string, std::pair<double, double>> quoted = {
      {"imagenet_top1", {0.6, 1.2}}, {"coco_r1", {1.3, 3.9}}, {"avg41", {1.0, 3.0}}};
  EXPECT_NEAR(mean, quoted.at(GetParam().predictor).first, 0.05);
  EXPECT_NEAR(largest, quoted.at(GetParam().predictor).second, 0.06);
}

TEST_P(Catalogue, CalibratedRangesAreThoseOfTheModels) {
  for (const TowerFit &fit : lastData.towers) {
    double low = 1, high = 0;
    for (const Case &c : cases) {
      if (!isCalibration(c.row))
        continue;
      double ratio = static_cast<double>(c.shape.at(fit.segment).macs) /
                     static_cast<double>(c.parent.at(fit.segment).macs);
      low = std::min(low, ratio);
      high = std::max(high, ratio);
    }
    EXPECT_NEAR(fit.macsLow, low, 0.03) << fit.segment;
    EXPECT_NEAR(fit.macsHigh, high, 0.03) << fit.segment;
  }
}

INSTANTIATE_TEST_SUITE_P(Catlib, Catalogue, testing::ValuesIn(kFigures),
                         [](const auto &info) { return std::string(info.param.predictor); });

TEST(PublishedDesigns, AreThoseOfThePaper) {
  std::vector<Row> rows = readTable("paper_carbonclip.csv");
  if (rows.empty())
    GTEST_SKIP() << "no reference data: set CATC_REFS";
  for (const Row &row : rows) {
    std::string name = designName(row.at("name"));
    auto loaded = load("predictor.imagenet_top1", "vit_b_16", name);
    ASSERT_TRUE(loaded->spec) << name;

    ModelShape shape = loaded->baselineShape();
    for (auto [tower, prefix] : {std::pair("text", "t_"), {"vision", "v_"}})
      for (const char *size : {"layers", "ffn", "width", "heads"})
        EXPECT_EQ(shape.at(tower).sizes.at(size), number(row, std::string(prefix) + size)) << name;
    EXPECT_EQ(shape.at("vision").sizes.at("patch"), number(row, "patch")) << name;

    Sizes figures = readSizes(*loaded->study().getBaseline());
    EXPECT_NEAR(figures.at("latency"), number(row, "latency_ms") * 1e-3, 1e-12) << name;
    EXPECT_NEAR(figures.at("carbon"), number(row, "carbon_kg"), 1e-12) << name;
    for (const PublishedFigure &figure : kFigures)
      EXPECT_NEAR(figures.at(figure.predictor), number(row, figure.column) * figure.scale, 1e-12)
          << name;

    bool found = false;
    loaded->spec.module->walk([&](accel::MachineOp machine) {
      if (machine.getSymName() != *loaded->study().getBaselineHardware())
        return;
      found = true;
      machine.walk([&](mlir::Operation *op) {
        Sizes keys = readSizes(op->getAttrDictionary());
        if (llvm::isa<accel::ArrayOp>(op)) {
          EXPECT_EQ(keys.at("instances"), number(row, "TC")) << name;
          EXPECT_EQ(keys.at("width"), number(row, "PEx")) << name;
          EXPECT_EQ(keys.at("depth"), number(row, "PEy")) << name;
        } else if (auto memory = llvm::dyn_cast<accel::MemoryOp>(op)) {
          bool local = memory.getSymName() == "local";
          EXPECT_EQ(keys.at("capacity"),
                    local ? number(row, "L2_KB") * 1024 : number(row, "GLB_MB") * 1024 * 1024)
              << name;
          if (local) {
            EXPECT_EQ(keys.at("bandwidth"), number(row, "L2_bw")) << name;
          }
        }
      });
    });
    EXPECT_TRUE(found) << name;
  }
}

TEST(OpenClipModels, HaveOpenClipsSizesAndFigures) {
  std::vector<Row> rows = readTable("clip_models_measured.csv");
  if (rows.empty())
    GTEST_SKIP() << "no reference data: set CATC_REFS";
  auto loaded = load("predictor.imagenet_top1", "vit_b_16", "clip_b_16");
  ASSERT_TRUE(loaded->spec);
  auto imagenet = readPredictorBlock(loaded->evaluator().getConfig());
  auto other = load("predictor.coco_r1", "vit_b_16", "clip_b_16");
  ASSERT_TRUE(other->spec);
  auto coco = readPredictorBlock(other->evaluator().getConfig());
  ASSERT_EQ(imagenet.index(), 0u);
  ASSERT_EQ(coco.index(), 0u);

  size_t checked = 0;
  for (const ParentModel &parent : std::get<PredictorBlock>(imagenet).data.parents) {
    std::string patch = std::to_string(static_cast<int>(parent.towers.at("vision").at("patch")));
    for (const Row &row : rows) {
      bool same = row.at("model") == (patch == "14" ? "ViT-L-14" : "ViT-B-" + patch) &&
                  row.at("pretrained") == parent.checkpoint;
      if (!same)
        continue;
      ++checked;
      EXPECT_NEAR(parent.accuracy, number(row, "in1k"), 1e-9) << parent.name;
      for (auto [tower, prefix] : {std::pair("text", "t_"), {"vision", "v_"}})
        for (const char *size : {"layers", "ffn", "width", "heads"})
          EXPECT_EQ(parent.towers.at(tower).at(size), number(row, std::string(prefix) + size))
              << parent.name;
      for (const ParentModel &withCoco : std::get<PredictorBlock>(coco).data.parents)
        if (withCoco.name == parent.name) {
          EXPECT_NEAR(withCoco.accuracy, number(row, "coco_mean_r1"), 1e-9) << parent.name;
        }
    }
  }
  EXPECT_EQ(checked, std::get<PredictorBlock>(imagenet).data.parents.size());
  EXPECT_EQ(std::get<PredictorBlock>(coco).data.parents.size(), checked);
}

TEST(PredictorBlock, NamesThePlaceOfAFault) {
  auto complaint = [](const std::string &change) {
    auto loaded = load("mine", "vit_b_16", "clip_b_16",
                       "predictor mine : predictor.imagenet_top1 { " + change + " }");
    if (!loaded->spec)
      return std::string("not loaded");
    auto block = readPredictorBlock(loaded->evaluator().getConfig());
    if (auto *error = std::get_if<std::string>(&block))
      return *error;
    const auto &[data, checkpoint] = std::get<PredictorBlock>(block);
    auto made = Predictor::create(data, checkpoint, loaded->shape(loaded->study().getModel()));
    auto *error = std::get_if<std::string>(&made);
    return error ? *error : std::string("accepted");
  };
  EXPECT_EQ(complaint("sigma = 2 %;"), "accepted");
  EXPECT_EQ(complaint("sigma = 4 %;"),
            "predictor 'mine': 'sigma_outside' must not be below 'sigma'");
  EXPECT_THAT(complaint("parent = \"mine\";"),
              testing::StartsWith("predictor 'mine' knows no accuracy of checkpoint 'mine'"));
  EXPECT_THAT(complaint("quantity = \"clarity\";"),
              testing::StartsWith("predictor 'mine' knows no accuracy of checkpoint"));

  mlir::MLIRContext context;
  mlir::Builder b(&context);
  auto read = [&](mlir::DictionaryAttr config) {
    auto block = readPredictorBlock(config);
    auto *error = std::get_if<std::string>(&block);
    return error ? *error : std::string("accepted");
  };
  EXPECT_EQ(read(b.getDictionaryAttr({b.getNamedAttr("name", b.getStringAttr("x"))})),
            "predictor 'x' lacks 'metric'");
  auto loaded = load("predictor.imagenet_top1", "vit_b_16", "clip_b_16");
  ASSERT_TRUE(loaded->spec);
  auto with = [&](mlir::StringRef key, mlir::Attribute value) {
    mlir::NamedAttrList list(loaded->evaluator().getConfig());
    list.set(key, value);
    return read(list.getDictionary(&loaded->context));
  };
  mlir::Builder own(&loaded->context);
  EXPECT_EQ(with("sigma", own.getBoolAttr(true)),
            "predictor 'imagenet_top1': 'sigma' must be a number");
  EXPECT_EQ(with("shape", own.getStringAttr("width")),
            "predictor 'imagenet_top1': 'shape' must be a list of strings");
  EXPECT_EQ(with("text", own.getDictionaryAttr({})),
            "predictor 'imagenet_top1': 'tower text' lacks 'exponent'");
  EXPECT_EQ(with("carbonclip_s", own.getDictionaryAttr({own.getNamedAttr(
                                     "pruned_from", own.getStringAttr("clip_b_16_datacomp"))})),
            "predictor 'imagenet_top1': 'published carbonclip_s' lacks 'figures'");
}
