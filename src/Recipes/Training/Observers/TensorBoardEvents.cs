using TorchSharp;
using TorchSharp.Modules;

namespace Recipes.Training;

/// <summary>
/// TensorBoard event files in <c>tensorboard/</c> of the run folder: training loss, learning rate, weight decay and gradient norm by
/// step, evaluations by epoch. Every process appends a file of its own, which is how TensorBoard expects a resumed run.
/// </summary>
/// <param name="folder">The run folder.</param>
/// <param name="everySteps">Steps between points of the training curves.</param>
public sealed class TensorBoardEvents(string folder, int everySteps = 10) : ITrainingObserver
{
    private SummaryWriter? _writer;

    /// <inheritdoc/>
    public void Handle(TrainingEvent moment, TrainProgress progress)
    {
        switch (moment)
        {
            case TrainingEvent.TrainingStart:
                var place = Path.Combine(folder, "tensorboard");
                Directory.CreateDirectory(place);
                _writer = torch.utils.tensorboard.SummaryWriter(place, createRunName: false);
                break;
            case TrainingEvent.StepEnd when progress.Step % everySteps == 0:
                Add("train/loss", progress.Loss, progress.Step);
                Add("train/learning_rate", progress.LearningRate, progress.Step);
                Add("train/weight_decay", progress.WeightDecay, progress.Step);
                Add("train/gradient_norm", progress.GradientNorm, progress.Step);
                Add("train/images_per_s", progress.ImagesPerSecond, progress.Step);
                break;
            case TrainingEvent.EpochEnd when progress.Row is { } row:
                Add("test/loss", row.TestLoss, row.Step);
                Add("test/top1", row.Top1, row.Step);
                Add("test/top5", row.Top5, row.Step);
                foreach (var (name, value) in row.Numbers ?? new Dictionary<string, double>(StringComparer.Ordinal))
                    Add($"test/{name}", value, row.Step);
                Add("ema/loss", row.EmaLoss, row.Step);
                Add("ema/top1", row.EmaTop1, row.Step);
                break;
        }
    }

    private void Add(string tag, double? value, long step)
    {
        if (value is { } number)
            _writer?.add_scalar(tag, (float)number, (int)step);
    }
}
