using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Onnx;

/// <summary>A model in ONNX Runtime, on the CPU.</summary>
public sealed class OnnxSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();

    private OnnxSession(InferenceSession session) => _session = session;

    /// <summary>Names of the inputs, in order.</summary>
    public IReadOnlyList<string> Inputs => _session.InputNames;

    /// <summary>Names of the outputs, in order.</summary>
    public IReadOnlyList<string> Outputs => _session.OutputNames;

    /// <summary>What the file says about itself.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _session.ModelMetadata.CustomMetadataMap;

    /// <summary>Loads a file, with all optimisations that the runtime has.</summary>
    /// <param name="path">An ONNX file.</param>
    /// <param name="threads">Threads of an operator; null for as many as torch uses.</param>
    /// <exception cref="RecipesException">There is no such file, the runtime refuses it, or the runtime itself is missing.</exception>
    public static OnnxSession Open(string path, int? threads = null)
    {
        if (!File.Exists(path))
            throw new RecipesException($"{path}: no such file. Export one with 'recipes model export'.");
        try
        {
            using var options = new SessionOptions
            {
                IntraOpNumThreads = threads ?? get_num_threads(),
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            };
            // Threads wait busily for the next operator, not for the next run: between runs the processor is torch's.
            options.AddSessionConfigEntry("session.force_spinning_stop", "1");
            return new OnnxSession(new InferenceSession(path, options));
        }
        catch (Exception e) when (e is OnnxRuntimeException || Missing(e))
        {
            throw Explain(path, e);
        }
    }

    /// <summary>Runs the model; inputs in the order of <see cref="Inputs"/>.</summary>
    /// <returns>The outputs, in the caller's scope.</returns>
    public IReadOnlyList<Tensor> Run(params Tensor[] inputs)
    {
        if (inputs.Length != Inputs.Count)
            throw new RecipesException($"expected {Inputs.Count} inputs ({string.Join(", ", Inputs)}), found {inputs.Length}.");
        using var scope = NewDisposeScope();
        var values = inputs.Select(t => Borrow(t.cpu().contiguous())).ToList();
        try
        {
            using var results = _session.Run(_run, Inputs, values, Outputs);
            return [.. results.Select(r => Copy(r).MoveToOuterDisposeScope())];
        }
        catch (OnnxRuntimeException e)
        {
            throw new RecipesException(
                $"ONNX Runtime: {e.Message.Split('\n')[0]} Inputs: {string.Join(", ", inputs.Select((t, i) => $"{Inputs[i]} [{string.Join(", ", t.shape)}]"))}.",
                e
            );
        }
        finally
        {
            values.ForEach(v => v.Dispose());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }

    // The runtime reads the tensor's own memory, which does not move.
    private static unsafe OrtValue Borrow(Tensor tensor)
    {
        fixed (byte* data = tensor.bytes)
        {
            var element = (Microsoft.ML.OnnxRuntime.Tensors.TensorElementType)tensor.dtype.Number();
            var bytes = tensor.numel() * tensor.ElementSize;
            return OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, element, tensor.shape, (nint)data, bytes);
        }
    }

    private static Tensor Copy(OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        var tensor = empty(info.Shape, OnnxTypes.Of((int)info.ElementDataType));
        value.GetTensorMutableRawData().CopyTo(tensor.bytes);
        return tensor;
    }

    /// <summary>What the user can do about an error of loading.</summary>
    internal static RecipesException Explain(string path, Exception error) =>
        Missing(error)
            ? new RecipesException(
                $"ONNX Runtime is missing on this machine ({(error.InnerException ?? error).Message.Split('\n')[0].TrimEnd('.')}). Restore the packages: delete bin and run ./recipes.sh again; its library for this system belongs in bin/runtimes.",
                error
            )
            : new RecipesException($"{path}: ONNX Runtime refuses it: {error.Message.Split('\n')[0]}", error);

    private static bool Missing(Exception e) =>
        e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException or TypeInitializationException;
}
