using Recipes.Weights;
using static TorchSharp.torch;

namespace Recipes.Onnx;

/// <summary>Writes graphs as ONNX files (onnx.proto, IR version 8), one weight at a time.</summary>
internal static class OnnxFile
{
    /// <summary>A protobuf message holds at most 2 GiB; the rest of a model is small beside its weights.</summary>
    public const long MostInside = int.MaxValue - (64L << 20);

    // Weights from this size on go outside; shapes and numbers stay where runtimes look for them.
    private const long LeastOutside = 1024;
    private const long Page = 4096;
    private const int IrVersion = 8;

    /// <summary>Writes a model; weights beyond what a message holds go to a file beside it, named <c>NAME.data</c>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="graph">What it holds.</param>
    /// <param name="name">Name of the graph.</param>
    /// <param name="metadata">Texts for its <c>metadata_props</c>.</param>
    /// <param name="mostInside">Bytes of weights from which on they go outside.</param>
    /// <returns>The files that were written.</returns>
    public static IReadOnlyList<string> Write(
        string path,
        OnnxGraph graph,
        string name,
        IReadOnlyDictionary<string, string> metadata,
        long mostInside = MostInside
    )
    {
        if (graph.Weights.Sum(w => w.Bytes) <= mostInside)
        {
            AtomicFile.Write(path, stream => Write(stream, graph, name, metadata, []));
            return [path];
        }
        var data = path + ".data";
        var places = Places(graph.Weights);
        // The weights are complete, and only their name is missing, before the model appears.
        AtomicFile.Write(
            data,
            stream =>
            {
                WriteData(stream, graph.Weights, places);
                AtomicFile.Write(path, model => Write(model, graph, name, metadata, places, Path.GetFileName(data)));
            }
        );
        return [path, data];
    }

    private static Dictionary<OnnxWeight, long> Places(IReadOnlyList<OnnxWeight> weights)
    {
        var places = new Dictionary<OnnxWeight, long>(ReferenceEqualityComparer.Instance);
        var end = 0L;
        foreach (var weight in weights.Where(w => w.Bytes >= LeastOutside))
        {
            places[weight] = end;
            end = (end + weight.Bytes + Page - 1) / Page * Page;
        }
        return places;
    }

    private static void WriteData(Stream stream, IReadOnlyList<OnnxWeight> weights, Dictionary<OnnxWeight, long> places)
    {
        foreach (var weight in weights.Where(places.ContainsKey))
        {
            stream.Write(new byte[places[weight] - stream.Position]);
            TensorBytes.WriteTo(stream, weight.Tensor);
        }
    }

    private static void Write(
        Stream stream,
        OnnxGraph graph,
        string name,
        IReadOnlyDictionary<string, string> metadata,
        Dictionary<OnnxWeight, long> outside,
        string dataFile = ""
    )
    {
        var body = new ProtoMessage();
        foreach (var node in graph.Nodes)
            body.Add(1, Node(node));
        body.Add(2, name);
        foreach (var input in graph.Inputs)
            body.Add(11, Value(input.Name, input));
        foreach (var (output, value) in graph.Outputs)
            body.Add(12, Value(output, value));
        var heads = graph.Weights.Select(w => Head(w, outside, dataFile)).ToList();
        var sizes = graph
            .Weights.Zip(heads, (w, head) => head.Length + (outside.ContainsKey(w) ? 0 : ProtoMessage.SizeOf(9, w.Bytes)))
            .ToList();
        var model = Model(graph.Opset, metadata);
        model.Open(7, body.Length + sizes.Sum(n => ProtoMessage.SizeOf(5, n)));
        model.WriteTo(stream);
        body.WriteTo(stream);
        for (var i = 0; i < heads.Count; i++)
        {
            var weight = graph.Weights[i];
            new ProtoMessage().Open(5, sizes[i]).WriteTo(stream);
            heads[i].WriteTo(stream);
            if (outside.ContainsKey(weight))
                continue;
            new ProtoMessage().Open(9, weight.Bytes).WriteTo(stream);
            TensorBytes.WriteTo(stream, weight.Tensor);
        }
    }

    private static ProtoMessage Model(int opset, IReadOnlyDictionary<string, string> metadata)
    {
        var model = new ProtoMessage()
            .Add(1, IrVersion)
            .Add(2, "Recipes")
            .Add(3, typeof(OnnxFile).Assembly.GetName().Version!.ToString(3))
            .Add(8, new ProtoMessage().Add(1, "").Add(2, opset));
        foreach (var (key, value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
            model.Add(14, new ProtoMessage().Add(1, key).Add(2, value));
        return model;
    }

    private static ProtoMessage Head(OnnxWeight weight, Dictionary<OnnxWeight, long> outside, string dataFile)
    {
        var head = new ProtoMessage();
        foreach (var side in weight.Tensor.shape)
            head.Add(1, side);
        head.Add(2, weight.Tensor.dtype.Number()).Add(8, weight.Name);
        if (!outside.TryGetValue(weight, out var offset))
            return head;
        foreach (var (key, value) in ((string, string)[])[("location", dataFile), ("offset", $"{offset}"), ("length", $"{weight.Bytes}")])
            head.Add(13, new ProtoMessage().Add(1, key).Add(2, value));
        return head.Add(14, 1);
    }

    private static ProtoMessage Value(string name, OnnxValue value)
    {
        var shape = new ProtoMessage();
        foreach (var side in value.Shape)
            shape.Add(1, side.IsKnown ? new ProtoMessage().Add(1, side.Size) : new ProtoMessage().Add(2, side.Symbol!));
        var tensor = new ProtoMessage().Add(1, value.Type.Number()).Add(2, shape);
        return new ProtoMessage().Add(1, name).Add(2, new ProtoMessage().Add(1, tensor));
    }

    private static ProtoMessage Node(OnnxNode node)
    {
        var message = new ProtoMessage();
        foreach (var input in node.Inputs)
            message.Add(1, input);
        foreach (var output in node.Outputs)
            message.Add(2, output);
        message.Add(3, node.Name).Add(4, node.Op);
        foreach (var (name, value) in node.Attributes)
            message.Add(5, Attribute(name, value));
        return message;
    }

    private static ProtoMessage Attribute(string name, object value)
    {
        var message = new ProtoMessage().Add(1, name);
        switch (value)
        {
            case long number:
                return message.Add(3, number).Add(20, 2);
            case float number:
                return message.Add(2, number).Add(20, 1);
            case string text:
                return message.Add(4, text).Add(20, 3);
            case long[] numbers:
                foreach (var number in numbers)
                    message.Add(8, number);
                return message.Add(20, 7);
            default:
                throw new RecipesException($"{name}: an attribute is a long, float, string or long[], not a {value.GetType().Name}.");
        }
    }
}
