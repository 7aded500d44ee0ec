using System.Text;
using System.Text.Json;

namespace Recipes.Training;

/// <summary>
/// <c>metrics.jsonl</c> in the run folder: one JSON object a line, only ever appended. A row of split <c>train</c> for each so many
/// steps, and rows of split <c>test</c> and <c>ema</c> for each epoch. When a run is resumed, rows of steps that come after the
/// checkpoint are dropped first, so that none is lost or doubled.
/// </summary>
/// <param name="folder">The run folder.</param>
/// <param name="everySteps">Steps between rows of split <c>train</c>.</param>
public sealed class MetricsFile(string folder, int everySteps = 1) : ITrainingObserver, IDisposable
{
    private StreamWriter? _writer;

    /// <summary>The file's name.</summary>
    public const string Name = "metrics.jsonl";

    private string FilePath => Path.Combine(folder, Name);

    /// <inheritdoc/>
    public void Handle(TrainingEvent moment, TrainProgress progress)
    {
        switch (moment)
        {
            case TrainingEvent.TrainingStart:
                Open(progress);
                break;
            case TrainingEvent.StepEnd when progress.Step % everySteps == 0:
                Write(progress, "train", progress.Loss, null);
                break;
            case TrainingEvent.EpochEnd when progress.Row is { } row:
                if (row.TestLoss is { } loss)
                    Write(progress, "test", loss, row.Top1, row.Numbers);
                if (row.EmaLoss is { } emaLoss)
                    Write(progress, "ema", emaLoss, row.EmaTop1);
                _writer?.Flush();
                break;
            case TrainingEvent.CheckpointStart:
                Flush();
                break;
            case TrainingEvent.TrainingEnd:
                Dispose();
                break;
        }
    }

    /// <summary>Flushes and closes the file.</summary>
    public void Dispose()
    {
        _writer?.Dispose();
        _writer = null;
    }

    /// <summary>The rows that belong to a run which has completed these steps and epochs: later and half-written ones are not among them.</summary>
    internal static IEnumerable<string> Keep(IEnumerable<string> lines, long step, int completedEpochs)
    {
        foreach (var line in lines)
        {
            if (Read(line) is not { } row)
                continue;
            // A checkpoint may lie between an epoch's last step and its evaluation, so the epoch decides for evaluations.
            if (row.Split == "train" ? row.Step <= step : row.Epoch < completedEpochs)
                yield return line;
        }
    }

    private void Open(TrainProgress progress)
    {
        Dispose();
        var kept =
            File.Exists(FilePath) && progress.Step > 0
                ? Keep(File.ReadLines(FilePath), progress.Step, progress.CompletedEpochs).ToList()
                : [];
        AtomicFile.WriteText(FilePath, string.Concat(kept.Select(line => line + "\n")));
        _writer = new StreamWriter(new FileStream(FilePath, FileMode.Append, FileAccess.Write, FileShare.Read), new UTF8Encoding(false));
    }

    // On disk before the checkpoint that counts on these rows.
    private void Flush()
    {
        _writer?.Flush();
        (_writer?.BaseStream as FileStream)?.Flush(flushToDisk: true);
    }

    private void Write(TrainProgress progress, string split, double loss, double? top1, IReadOnlyDictionary<string, double>? numbers = null)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("step", progress.Step);
            json.WriteNumber("epoch", progress.Epoch);
            json.WriteString("split", split);
            if (double.IsFinite(loss))
                json.WriteNumber("loss", loss);
            else
                json.WriteNull("loss");
            if (top1 is { } share)
                json.WriteNumber("top1", share);
            foreach (var (name, value) in numbers?.Where(n => double.IsFinite(n.Value)) ?? [])
                json.WriteNumber(name, value);
            json.WriteNumber("lr", progress.LearningRate);
            json.WriteNumber("wd", progress.WeightDecay);
            json.WriteNumber("images_per_s", Math.Round(progress.ImagesPerSecond, 1));
            json.WriteNumber("elapsed_s", Math.Round(progress.Elapsed.TotalSeconds, 3));
            json.WriteEndObject();
        }
        _writer?.WriteLine(Encoding.UTF8.GetString(buffer.ToArray()));
    }

    private static (long Step, int Epoch, string Split)? Read(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var row = json.RootElement;
            return (row.GetProperty("step").GetInt64(), row.GetProperty("epoch").GetInt32(), row.GetProperty("split").GetString() ?? "");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
