package check

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// rabbitmqBrokerConfig is of the broker for RabbitMQ, whose Go module would
// bring all of RabbitMQ's operators.
type rabbitmqBrokerConfig struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec struct {
		RabbitmqClusterReference struct {
			Name      string `json:"name"`
			Namespace string `json:"namespace"`
		} `json:"rabbitmqClusterReference"`
		QueueType string `json:"queueType"`
		Vhost     string `json:"vhost"`
	} `json:"spec"`
}

// DeepCopyObject is asked of a kind by the scheme; nothing here copies one.
func (o *rabbitmqBrokerConfig) DeepCopyObject() runtime.Object { c := *o; return &c }
